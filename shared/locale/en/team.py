"""Words about the team."""

MESSAGES: dict[str, str] = {
    "frame.nav.team": "Team",
    "frame.nav.team.short": "Team",
    "team.count": "{count} active",
    "team.me": "Me",
    "team.devices": "{count} devices",
    "team.devices.one": "{count} device",
    "team.leads": "Open leads",
    "team.deals": "Open deals",
    "team.overdue": "Overdue",
    "team.number": "Show {what} of {name}: {count}",
    "team.open": "open",
    "team.offline": "No server: last sync and devices need the network; the rest is from this device.",
    "team.none": "You have no team yet",
    "team.none.line": "An administrator sets teams in Users & devices.",
}
