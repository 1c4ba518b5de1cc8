"""The manufacturer's portal: releases, filings, campaigns, vehicles and what is owed."""
