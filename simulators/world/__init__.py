"""A whole world in virtual time: router, carriers, handsets and ESMEs in one process, drawn from one seed."""
