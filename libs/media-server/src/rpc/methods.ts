/** The methods that act within a session. Each gives the `result` without its sessionId. */
import { z } from 'zod';
import { RPC_ERRORS, RpcError } from '../errors.ts';
import type { Kurento } from '../kurento.ts';
import { CATALOGUE } from '../objects/catalogue.ts';
import { factoryFor } from '../objects/factories.ts';
import type { Scope } from '../objects/operation.ts';
import { applyProperties, invokeOperation } from '../objects/operations.ts';
import { readMethodParams, type Parameters } from '../parameters.ts';
import type { Session } from './session.ts';

export interface MethodCall {
  readonly kurento: Kurento;
  readonly session: Session;
  readonly params: Parameters;
}

type Result = Readonly<Record<string, unknown>>;
type Method = (call: MethodCall) => Result | Promise<Result>;

const record = z.record(z.string(), z.unknown());
const onObject = z.object({ object: z.string() });
const creation = z.object({ type: z.string(), constructorParams: record.optional(), properties: record.optional() });
const invocation = z.object({ object: z.string(), operation: z.string(), operationParams: record.optional() });
const subscribing = z.object({ object: z.string(), type: z.string() });
const unsubscribing = z.object({ object: z.string(), subscription: z.string() });

const METHODS: Readonly<Record<string, Method>> = {
  create: (call) => {
    const { type, constructorParams, properties } = readMethodParams(creation, call.params);
    const scope = scopeOf(call);
    const make = factoryFor(type, constructorParams ?? {}, call.kurento, scope);
    const object = call.kurento.registry.create(call.session.id, make);
    applyProperties(object, properties ?? {}, scope);
    return { value: object.id };
  },
  invoke: async (call) => {
    const { object, operation, operationParams } = readMethodParams(invocation, call.params);
    const scope = scopeOf(call);
    return { value: await invokeOperation(scope.find(object), operation, operationParams ?? {}, scope) };
  },
  subscribe: (call) => {
    const { object, type } = readMethodParams(subscribing, call.params);
    return { value: call.kurento.subscriptions.add(scopeOf(call).find(object), type, call.session.id) };
  },
  unsubscribe: (call) => {
    const { object, subscription } = readMethodParams(unsubscribing, call.params);
    call.kurento.subscriptions.remove(scopeOf(call).find(object), subscription);
    return {};
  },
  describe: (call) => {
    const { type } = scopeOf(call).find(readMethodParams(onObject, call.params).object);
    return { type, qualifiedType: `kurento.${type}`, hierarchy: CATALOGUE[type].hierarchy };
  },
  /** Releasing what is gone already succeeds. */
  release: ({ kurento, params }) => {
    const object = kurento.registry.get(readMethodParams(onObject, params).object);
    if (object) kurento.registry.release(object);
    return {};
  },
  ref: (call) => {
    scopeOf(call).find(readMethodParams(onObject, call.params).object);
    return {};
  },
  /** Kurento takes an object away only when its collector comes by, minutes later; until then nothing changes. */
  unref: ({ params }) => {
    readMethodParams(onObject, params);
    return {};
  },
  keepAlive: () => ({}),
};

export function callMethod(name: string, call: MethodCall): Result | Promise<Result> {
  const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  if (!method) throw new RpcError(RPC_ERRORS.methodNotFound, 'Method not found.');
  return method(call);
}

function scopeOf({ kurento, session }: MethodCall): Scope {
  return { find: (id) => kurento.find(id, session.id) };
}
