"""Software: releases, what they change, the images, the evidence, and what the rulebook says of them."""
