"""What people see: theme, kit, shell, routes, screens. The only part of the product that imports flet."""
