"""The bytes of attachments: taken in parts, checked, kept by their hash beside the database, shown to who may see."""
