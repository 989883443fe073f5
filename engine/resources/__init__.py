"""A resource definition -> the MethodSpecs that do what it says.

::

    definition.read_all(records)                jsonrpc.resource records -> frozen dataclasses
    methods.specs(catalogue)                    one MethodSpec for each operation and method line
        params, schema, examples                field definitions -> pydantic types, JSON Schema
        invoke                                  one call
            Catalogue.view                      what this caller sees of the resource
            call_context.apply                  the ``context`` param -> environment
            operations                          search, get, count, create, update, delete, upsert
                domain, order, selection        what is asked for -> Domain, sort terms, what to read
                incoming, upsert                values and keys -> what the ORM is to write
                Failures.refuse                 everything that is wrong, at once
                page, cursor                    which records go out
                reader, joined_names, size      records out, and no more of them than fit an answer
                writer                          records in
        python_method, json_types               a public method of the model, typed

It knows the ORM and :mod:`..protocol`; it must not know HTTP, the pipeline, nor which models
store the definitions.
"""
