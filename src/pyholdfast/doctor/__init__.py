"""What is wrong with this Python, environment, compiler or built host, and what to do.

One module per room: `python_room`, `environment_room` and `agreement_room`, `compiler_room`,
`cmake_room`, `binary_room` with `binary_start`; `symptoms` names the failure behind a message.
`model` has their common words, `subject` and `binary_facts` what they look at; `examine` runs
them, `report` prints. Nothing here changes anything on the machine.
"""
