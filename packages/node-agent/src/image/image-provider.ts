import type { Pod } from '@berth/api';
import type { World } from '@berth/world';
import type { ConfigView } from '../container/config-store.ts';
import type { Engine } from '../engine/engine.ts';
import { EngineError } from '../engine/engine-error.ts';
import { type EventSink, type ImageProvider, PodStepError } from '../pod/pod-ports.ts';
import type { SpecifiedContainer } from '../pod/pod-situation.ts';
import { StartLimiter } from '../pod/start-limiter.ts';
import { registryCredentials } from './registry-credentials.ts';

const pullsAtOnce = 3;

export interface EngineImageProviderOptions {
  readonly engine: Engine;
  /** Of images that name none. */
  readonly defaultRegistry: string;
  readonly config: ConfigView;
  readonly events: EventSink;
  readonly world: World;
}

/** Gets images as the pull policy says: an image that is on the machine counts, wherever it came from. */
export class EngineImageProvider implements ImageProvider {
  readonly #options: EngineImageProviderOptions;
  readonly #limiter = new StartLimiter(pullsAtOnce);
  /** Two containers that want the same image wait for one pull. */
  readonly #pulls = new Map<string, Promise<void>>();

  constructor(options: EngineImageProviderOptions) {
    this.#options = options;
  }

  async ensure(pod: Pod, container: SpecifiedContainer): Promise<void> {
    const { engine, events } = this.#options;
    const { name, image = '', imagePullPolicy = 'IfNotPresent' } = container.spec;
    const tell = (type: 'Normal' | 'Warning', reason: string, message: string) =>
      events.tell(pod, { type, container: name, role: container.role, reason, message });
    const found = imagePullPolicy === 'Always' ? undefined : await this.#find(image);
    if (found !== undefined) {
      tell('Normal', 'Pulled', `Container image "${image}" already present on machine`);
      return;
    }
    if (imagePullPolicy === 'Never') {
      const message = `Container image "${image}" is not present with pull policy of Never`;
      tell('Warning', 'ErrImageNeverPull', message);
      throw new PodStepError('ErrImageNeverPull', message);
    }
    tell('Normal', 'Pulling', `Pulling image "${image}"`);
    const sinceMs = this.#options.world.clock.monotonicMs();
    try {
      await this.#pull(pod, image);
    } catch (error) {
      if (error instanceof EngineError && error.code === 'registry') {
        tell('Warning', 'Failed', `Failed to pull image "${image}": ${error.message}`);
        tell('Warning', 'Failed', 'Error: ErrImagePull');
        throw new PodStepError('ErrImagePull', error.message, { cause: error });
      }
      throw error;
    }
    const seconds = (this.#options.world.clock.monotonicMs() - sinceMs) / 1000;
    const size = (await engine.inspectImage(image))?.sizeBytes ?? 0;
    tell(
      'Normal',
      'Pulled',
      `Successfully pulled image "${image}" in ${seconds.toFixed(3)}s. Image size: ${size} bytes.`,
    );
  }

  async #find(image: string): Promise<object | undefined> {
    try {
      return await this.#options.engine.inspectImage(image);
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'invalid') throw error;
      const message = `Failed to apply default image tag "${image}": ${error.message}`;
      throw new PodStepError('InvalidImageName', message, { cause: error });
    }
  }

  #pull(pod: Pod, image: string): Promise<void> {
    const credentials = registryCredentials(pod, image, this.#options.defaultRegistry, this.#options.config);
    const key = `${image} ${credentials?.username ?? ''}`;
    const known = this.#pulls.get(key);
    if (known !== undefined) return known;
    const pull = this.#limiter
      .run(() => this.#options.engine.pullImage(image, credentials))
      .finally(() => this.#pulls.delete(key));
    this.#pulls.set(key, pull);
    return pull;
  }
}
