"""A resource definition -> the MethodSpecs that do what it says.

::

    methods.specs(catalogue)                one MethodSpec per operation and method line
        definition.read_catalogue(records)  jsonrpc.resource records -> frozen dataclasses
        view.View                           what one caller sees of one resource
        schema                              field definitions -> pydantic types, JSON Schema
        call.invoke                         every check of one call, all failures at once
            call_context                    the ``context`` param -> environment
            domain, order, selection        what is asked -> Domain, sort terms, what to read
            links                           ids and objects in relational values
        cursor, reader, writer              pages, records out, records in

It knows the ORM and :mod:`..protocol`; it must not know HTTP, the pipeline, nor which models
store the definitions.
"""
