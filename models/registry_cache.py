"""What every process remembers of keys and resources, and how it is made to forget."""


def forget(env):
    """Have every worker read keys and resources again, now and once the change is visible.

    Until the commit, another thread of this worker may read and cache the old state. The
    other workers are told at once: who commits by hand, in a shell, tells nobody.

    :param env: on the transaction of the change
    """
    registry = env.registry
    registry.clear_cache()

    @env.cr.postcommit.add
    def forget_for_good():
        registry.clear_cache()
        if registry.ready:
            registry.signal_changes()
