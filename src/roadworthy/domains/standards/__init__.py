"""The standards catalogue: what there is, in which state, what it replaces, from which source.

Who acts: MIIT keeps what everybody reads; a manufacturer adds what only it needs to see. The
rules on it are the law pack ``cn_sys`` (SYS-01 to SYS-08), after SYS22, SL17 and SAC21.
"""
