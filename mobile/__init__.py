"""The Flet app: what runs on the phone and in the browser."""
