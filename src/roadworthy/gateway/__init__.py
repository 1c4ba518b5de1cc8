"""The gateway that vehicles talk to: hawkBit's DDI v1, images and signed metadata.

* Nothing is decided here. The rollout engine decides beforehand; a poll is one lookup in a file.
* What a vehicle reports is durable in PostgreSQL before it is acknowledged.
* A gateway that cannot tell whether what it knows is fresh says "nothing to do", never "install".
* It knows the tables that the campaigns domain publishes (``sql.py``), and no Django.

Start at ``app.py`` (what is answered), ``projector.py`` (where the answers come from) and
``writer.py`` (where the reports go); ``serve.py`` runs all of it on one host.
"""
