"""Whether writes happen once while workers are killed and connections to the database end.

Clients call one server for a while, each write under an idempotency key and repeated until it is
answered. Meanwhile worker processes are killed and backends of PostgreSQL terminated. Then the
database is asked what really happened::

    run.main
        setup               keys, and a partner of each client
        callers.Caller      one client: reads, and writes until they are acknowledged
            writes          what is written, and the requests for it
            tally           what the clients saw
        chaos               kills and terminations
            workers         whom to kill
        evidence            what the database holds afterwards
        judge               the two compared
        report              counts and breaches, for people

``python3 -m sandbox bench --faults`` runs it. Beside HTTP it needs the server's process id and
its database, which the sandbox names in the environment.
"""
