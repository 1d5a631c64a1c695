"""The command line. `helpdesk-bot --help` lists the commands; each takes `--json`.

Exit codes: 0 done, 1 failed, 2 wrong usage or setting, 3 asked but not answered, 4 done in part.
"""
