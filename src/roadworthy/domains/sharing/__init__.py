"""What one authority may see of the other's matters, for what, and who looked.

* Nothing is shared but what ``data/sharing.yaml`` shares: whose matter, which parts of it, for what
  purpose, on which legal basis, from which day. A basis that nobody has verified says so.
* The head of a matter (that there is one, its number, where it stands) is seen where its content
  may be opened. The content is opened for one purpose at a time, and each look is kept for ever.
* What is not shared, what does not exist and what is asked for another purpose answer alike, and
  every such attempt is kept as well: the authority whose matter it was reads of it.
* Personal data are no part of what is shared: no VIN, no owner, no words of theirs.
"""
