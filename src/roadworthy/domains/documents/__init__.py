"""Documents: files that people hand in, known by their digest, checked before they are kept.

* The bytes of a document never change: another content is another document.
* A document belongs to one organisation; two that hand in the same bytes have one each.
* Nothing that was refused stays on disk.
"""
