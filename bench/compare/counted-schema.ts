import type { StandardSchemaV1 } from '@standard-schema/spec';

/** A schema that counts how often it ran, so that a run can prove it did. */
export interface CountedSchema<S extends StandardSchemaV1> {
  readonly schema: StandardSchemaV1<StandardSchemaV1.InferInput<S>, StandardSchemaV1.InferOutput<S>>;
  readonly count: () => number;
}

/** Wraps a schema of the Standard Schema family. */
export function counted<S extends StandardSchemaV1>(schema: S): CountedSchema<S> {
  const { version, vendor, validate } = schema['~standard'];
  let count = 0;
  return {
    schema: {
      '~standard': {
        version,
        vendor,
        validate(value) {
          count += 1;
          return validate(value);
        },
      },
    },
    count: () => count,
  };
}
