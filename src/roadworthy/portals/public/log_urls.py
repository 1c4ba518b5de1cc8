"""The log itself, as C2SP tlog-tiles addresses it: for programs, raw."""

from django.urls import re_path

from roadworthy.portals.public import log_views

# Groups of three digits, all but the last with an x: x001/x234/067. Five groups are more entries
# than there will ever be, and fit the database's numbers.
_INDEX = r"(?P<index>(?:x\d{3}/){0,4}\d{3})(?:\.p/(?P<width>[1-9]\d{0,2}))?"

urlpatterns = [
    re_path(r"^checkpoint$", log_views.checkpoint, name="log-checkpoint"),
    re_path(rf"^tile/entries/{_INDEX}$", log_views.entries, name="log-entries"),
    re_path(rf"^tile/(?P<level>[1-5]?\d|6[0-3])/{_INDEX}$", log_views.tile, name="log-tile"),
]
