"""The portal (申请人门户): what a party sees of its own, in plain words, on a phone first."""
