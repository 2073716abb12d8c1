/** What a schema says about a variable besides its shape: example, description, whether it is secret. */
import { z } from 'zod';

import { Secret } from './redacted.ts';

export interface ConfigMeta {
  example?: string;
  description?: string;
  secret: boolean;
}

/** A non-empty secret; it may also come from the file that `<NAME>_FILE` names. Add `.optional()` as needed. */
export function secretString(meta: { example?: string; description?: string } = {}) {
  return z
    .string()
    .min(1)
    .transform((value) => new Secret(value))
    .meta({ ...meta, secret: true });
}

/** Reads `.meta({ example, description, secret })` from a field, through `.optional()`, `.default()` and pipes. */
export function metaOf(field: z.core.$ZodType | undefined): ConfigMeta {
  const found = field === undefined ? {} : collect(field);
  const example = found['example'];
  const description = found['description'];
  return {
    secret: found['secret'] === true,
    ...(typeof example === 'string' ? { example } : {}),
    ...(typeof description === 'string' ? { description } : {}),
  };
}

/** One line of a service's `--help` and of its document. */
export interface ConfigEntry extends ConfigMeta {
  name: string;
  flag: string;
  required: boolean;
}

/** Every variable of a schema, in its order. */
export function describeConfig(schema: z.ZodObject): ConfigEntry[] {
  return Object.entries(schema.shape).map(([name, field]) => ({
    name,
    flag: flagOf(name),
    required: !z.safeParse(field, undefined).success,
    ...metaOf(field),
  }));
}

/** `JWT_ISSUER` → `--jwt-issuer` */
export function flagOf(name: string): string {
  return `--${name.toLowerCase().replaceAll('_', '-')}`;
}

function collect(field: z.core.$ZodType): Record<string, unknown> {
  const def: object = field._zod.def;
  const inner = 'innerType' in def ? def.innerType : 'in' in def ? def.in : undefined;
  const below = inner instanceof z.core.$ZodType ? collect(inner) : {};
  return { ...below, ...z.globalRegistry.get(field) };
}
