/** Operations that every object has. */
import { z } from 'zod';
import type { MediaObject } from './media-object.ts';
import { operation, type Operations } from './operation.ts';

const none = z.object({});
const MAX_TAGS = 128;
const text = z.string().max(4096);

export const objectOperations: Operations<MediaObject> = {
  getId: operation(none, (object: MediaObject) => object.id),
  getName: operation(none, (object: MediaObject) => object.name),
  setName: operation(z.object({ name: text }), (object: MediaObject, { name }) => {
    object.name = name;
    return null;
  }),
  getCreationTime: operation(none, (object: MediaObject) => object.creationTime),
  getParent: operation(none, (object: MediaObject) => object.parent?.id ?? null),
  getMediaPipeline: operation(none, (object: MediaObject) => pipelineOf(object).id),
  getChildren: operation(none, (object: MediaObject) => [...object.children].map((child) => child.id)),
  getSendTagsInEvents: operation(none, (object: MediaObject) => object.sendTagsInEvents),
  setSendTagsInEvents: operation(z.object({ sendTagsInEvents: z.boolean() }), (object: MediaObject, params) => {
    object.sendTagsInEvents = params.sendTagsInEvents;
    return null;
  }),
  addTag: operation(z.object({ key: text, value: text }), (object: MediaObject, { key, value }) => {
    if (object.tags.size < MAX_TAGS || object.tags.has(key)) object.tags.set(key, value);
    return null;
  }),
  removeTag: operation(z.object({ key: text }), (object: MediaObject, { key }) => {
    object.tag(key);
    object.tags.delete(key);
    return null;
  }),
  getTag: operation(z.object({ key: text }), (object: MediaObject, { key }) => object.tag(key)),
  getTags: operation(none, (object: MediaObject) => object.tagList()),
};

function pipelineOf(object: MediaObject): MediaObject {
  return object.parent ? pipelineOf(object.parent) : object;
}
