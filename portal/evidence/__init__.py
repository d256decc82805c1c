"""Facts from outside: DNS and lists. Made here with libraries, weighed in `workflows.checks`."""
