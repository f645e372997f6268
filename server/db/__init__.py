"""Tables made from the catalogue, the two database engines behind one interface, migrations."""
