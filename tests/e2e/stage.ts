/** The stage of a browser test: one cluster, two people with cameras of their own, and phones that are put down after each test. */
import { Person, pipelinesOf, startCluster, type Cluster, type ClusterOptions, type Phone } from '@switchboard/testkit';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { checkLog } from '../integration/log-check.ts';

export class Stage {
  /** Red, on 440 Hz. */
  anna!: Person;
  /** Blue, on 880 Hz. */
  ben!: Person;
  cluster!: Cluster;
  #phones: Phone[] = [];

  /** Sets it up and down around the tests of this file. */
  static of(options: ClusterOptions): Stage {
    const stage = new Stage();
    beforeAll(() => stage.#build(options));
    afterEach(() => stage.#putDown());
    afterAll(() => stage.#takeDown());
    return stage;
  }

  /** A page of that person, logged in at that gateway. */
  async phone(person: Person, name: string, gateway: number): Promise<Phone> {
    return this.keep(await person.phone(this.cluster.page(gateway), name));
  }

  annaAt(gateway: number, name = 'anna'): Promise<Phone> {
    return this.phone(this.anna, name, gateway);
  }

  benAt(gateway: number, name = 'ben'): Promise<Phone> {
    return this.phone(this.ben, name, gateway);
  }

  /** The index of the media server that carries a call; -1 while none does. */
  async busyMediaServer(): Promise<number> {
    const pipelines = await Promise.all(
      this.cluster.mediaServers.map(({ details }) => pipelinesOf(String(details['url'])).catch(() => [])),
    );
    return pipelines.findIndex(({ length }) => length > 0);
  }

  keep(phone: Phone): Phone {
    this.#phones.push(phone);
    return phone;
  }

  async #build(options: ClusterOptions): Promise<void> {
    this.cluster = await startCluster(options);
    const people = [Person.open({ colour: 'red', hz: 440 }), Person.open({ colour: 'blue', hz: 880 })] as const;
    [this.anna, this.ben] = await Promise.all(people);
  }

  async #putDown(): Promise<void> {
    await Promise.all(this.#phones.map((each) => each.leave()));
    this.#phones = [];
  }

  async #takeDown(): Promise<void> {
    await Promise.all([this.anna.close(), this.ben.close()]);
    expect((await checkLog(this.cluster)).differences).toEqual([]);
    await this.cluster.stop();
  }
}
