"""`eval ...`: measurements that a team can repeat on its own questions."""
