"""Settings of every test."""

import os

from hypothesis import settings

# "steady" looks at the same examples in every run and on every machine, so that red is red for everybody.
# Forty of each keep the gate within minutes: there are hundreds of properties.
# HYPOTHESIS_PROFILE=search looks further, at new ones each time; a failure is printed with its recipe.
settings.register_profile("steady", derandomize=True, deadline=None, max_examples=40)
settings.register_profile("search", deadline=None, max_examples=2_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
