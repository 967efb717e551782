"""Finds what is wrong with a Python, environment, compiler or built host, and what to do.

`checks` has a module for each part of the machine, and `binary_start` those of a built host's
surroundings. `symptoms` recognises failures in messages. `model` defines what a check returns;
`subject` and `binary_facts` collect what the checks look at; `examine` runs the checks and `report`
prints the findings. Nothing here changes the machine.
"""
