"""What the screens read: small functions over the local tables, each returning plain dicts.

Decimals come back as ``Decimal``, instants as UTC milliseconds, days as ISO text. Every list has ``limit`` and
``offset``; the caller asks for one row more than it shows to know whether there is more.
"""
