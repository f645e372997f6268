"""One module per screen; ``mobile.ui.routes.SCREENS`` names them."""
