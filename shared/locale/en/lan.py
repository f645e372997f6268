"""The local network: what the terminal says. The page is ``server/lan/trust.en.html``."""

MESSAGES = {
    "cli.serve.lan": "serve phones in the same local network too (encrypted)",
    "lan.trust": "First time on a phone: scan the code or open {url}, and follow the page to trust this machine.",
    "lan.fingerprint": "Fingerprint of the certificate (SHA-256, the page must show the same): {fingerprint}",
    "lan.open": "From then on open on the phone: {url}",
    "lan.demo": "Careful: everybody knows the demo's passwords, so anyone in this network can sign in."
    " Press Ctrl+C when you have finished.",
    "error.settings_lan_none": "This machine is not in a network.",
    "error.settings_lan_none.todo": "Connect to Wi-Fi or a cable first, or name this machine's"
    " local address with HOST=.",
    "error.settings_lan_public": "{host} is not an address of a local network: the internet may reach it.",
    "error.settings_lan_public.todo": "Name a local address with HOST= (such as 192.168.1.20); for the internet set"
    " CARAVAN_TLS_CERT and CARAVAN_TLS_KEY and leave LAN=1 away.",
}
