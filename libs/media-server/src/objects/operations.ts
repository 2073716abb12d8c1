/** Finds the operation that `invoke` names, by the object's type. */
import { KurentoError } from '../errors.ts';
import type { Parameters } from '../parameters.ts';
import type { TypeName } from './catalogue.ts';
import { elementOperations } from './element.ts';
import { endpointOperations } from './endpoint-operations.ts';
import type { MediaObject } from './media-object.ts';
import { objectOperations } from './object-operations.ts';
import type { Operations, Scope } from './operation.ts';
import { managerOperations } from './server-manager.ts';

/** Each table is only used on objects of the type it stands under, which is why the narrower ones fit here. */
const BY_TYPE: Readonly<Record<TypeName, Operations<never>>> = {
  ServerManager: { ...objectOperations, ...managerOperations },
  MediaPipeline: objectOperations,
  WebRtcEndpoint: { ...objectOperations, ...elementOperations, ...endpointOperations },
};

export function invokeOperation(object: MediaObject, name: string, params: Parameters, scope: Scope): unknown {
  const table = BY_TYPE[object.type];
  const operation = Object.hasOwn(table, name) ? table[name] : undefined;
  if (operation) return operation(object as never, params, scope);
  const message = `Method '${name}' with ${Object.keys(params).length} parameters not found`;
  throw new KurentoError('MALFORMED_TRANSACTION', message);
}

/** Sets the properties that came with `create`, those that the type has. */
export function applyProperties(object: MediaObject, properties: Parameters, scope: Scope): void {
  for (const [name, value] of Object.entries(properties)) {
    const setter = `set${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`;
    if (Object.hasOwn(BY_TYPE[object.type], setter)) invokeOperation(object, setter, { [name]: value }, scope);
  }
}
