"""A resource definition -> the MethodSpecs that do what it says.

::

    definition.read_definitions(records)        jsonrpc.resource records -> frozen dataclasses
    methods.resource_specs(catalogue)           one MethodSpec for each operation and method line
        operations.registry.OPERATIONS          what operations there are, one file each
            params_of, result, examples_of      field definitions -> pydantic types, JSON Schema (schema, kinds)
        invoke                                  one call
            Catalogue.view                      what this caller sees of the resource
            environment.call_environment        the ``context`` param -> environment
            Operation.check                     the call -> a plan; it notes everything that is wrong
                query: domain, order, selection, cursor
                change: incoming, lookup
            Failures.refuse                     everything that is wrong, at once
            Operation.run                       does the plan
                query: page, reader, joined_names, size
                change: writer
        method_line, json_types                 a public method of the model, typed
    following, followed_fields                  definitions -> what :mod:`..events` follows of their models
    feed_page, visibility                       what has changed, as a caller sees it now, and who saw it before
    suggestion                                  a model -> the lines that most integrations need of it

It knows the ORM and :mod:`..protocol`; it must not know HTTP, the pipeline, nor which models
store the definitions.
"""
