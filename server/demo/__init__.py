"""The demo company: data and seed of Hump Outdoor (驼峰户外)."""
