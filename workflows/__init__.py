"""The rules of a trusted-access program: pure, standard library only.

No clock, no network, no randomness, no database: the actor, the time, ids and facts are
handed in. `portal.ledger.perform` is the only caller that makes anything of it last.
"""
