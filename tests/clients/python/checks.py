"""What more than one test file expects of an answer."""

import re

UPPER_CASE_UUID = re.compile("[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")
