"""What `publish verify` looks at, one module a subject; each check yields faults and stops at nothing."""
