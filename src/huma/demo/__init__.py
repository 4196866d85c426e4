"""The demonstration: a live programme, three mirrors with faults to switch on, two players side by side."""
