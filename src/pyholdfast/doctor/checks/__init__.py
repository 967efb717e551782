"""What the doctor looks at, one part of the machine each."""
