"""The one way in which processes are made to forget what they remember of our records."""

_REGISTERED = "jsonrpc_gateway.forget_caches"


def forget_caches(env, name="default"):
    """Have every worker read our records again, now and once the change is visible.

    Odoo clears its caches before the commit, when another thread can still read the old state and
    cache it again, and tells the other workers at the end of a web request or a scheduled action
    only. So both are done once more right after the commit, whoever commits: a shell, too.

    :param env: on the transaction of the change
    :param str name: of the cache in the registry (``_CACHES_BY_KEY`` in ``odoo/orm/registry.py``)
    """
    registry = env.registry
    registry.clear_cache(name)
    after_commit = env.cr.postcommit
    names = after_commit.data.setdefault(_REGISTERED, set())
    if not names:

        @after_commit.add
        def forget_again():
            registry.clear_cache(*names)
            if registry.ready:
                registry.signal_changes()

    names.add(name)
