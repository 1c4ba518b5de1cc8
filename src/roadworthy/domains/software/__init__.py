"""Software: releases, what they change, images, evidence, and what the rulebook says of them."""
