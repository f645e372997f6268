"""Running the product: the first start, later backups and jobs."""
