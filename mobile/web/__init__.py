"""The installable web app: its build, its page, its service worker."""
