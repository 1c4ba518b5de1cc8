"""What a person may ask about their data, and what is carried out in our own stores.

Start here: ``stores`` (where the platform holds something of a person), ``services`` (the steps
of a request), ``consenting`` (consent to one item for one purpose, with a period of their own).

* The proof of who asks is the link to their vehicle, or what data compliance has checked.
* The log keeps only salted commitments: once the salt is erased, they belong to nobody.
* What another law keeps is kept, and the person is told which article says so.
"""
