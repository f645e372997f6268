"""Forms and lists made from the declarations, with a designed arrangement where an entity has one."""
