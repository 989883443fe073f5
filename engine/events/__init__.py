"""What was committed, for those who keep a copy of it: the outbox and how it is read.

::

    watch.Watch                 what of one model is followed
    bodies, triggers.ensure     Watches -> triggers in PostgreSQL, which fill the table ``jsonrpc_change``
    snapshot, position          where a reader stands: a snapshot of the database, not a time and not an id
    feed.read_rows              the rows between two snapshots, a page at a time
    waiting                     few may wait for the next row
    retention                   how rows end

It knows cursors and SQL; it must not know resources, nor who reads.
"""
