"""局域网：终端里说的话。网页在 ``server/lan/trust.zh.html``。"""

MESSAGES = {
    "cli.serve.lan": "让同一局域网里的手机也能打开（加密）",
    "lan.trust": "手机第一次使用：扫码或打开 {url}，按页面上的步骤信任本机的证书。",
    "lan.fingerprint": "证书指纹（SHA-256，应与页面上的一致）：{fingerprint}",
    "lan.open": "以后在手机上直接打开：{url}",
    "lan.demo": "注意：演示数据的密码人人皆知，这个网络里的任何人都能登录。用完请按 Ctrl+C 停止。",
    "error.settings_lan_none": "这台机器没有连接网络。",
    "error.settings_lan_none.todo": "请先连接 Wi-Fi 或网线，或用 HOST= 写明本机在局域网里的地址。",
    "error.settings_lan_public": "{host} 不是局域网地址，从互联网也能访问。",
    "error.settings_lan_public.todo": "请用 HOST= 写明局域网地址（如 192.168.1.20）；"
    "要在互联网上使用，请设置 CARAVAN_TLS_CERT 和 CARAVAN_TLS_KEY，不用 LAN=1。",
}
