import type { Draft } from '../../schema/message.ts';
import type { DeploymentStrategy } from './deployment-spec.ts';

export function fillDeploymentStrategy(strategy: Draft<DeploymentStrategy>): void {
  if ((strategy.type ?? 'RollingUpdate') === 'RollingUpdate') strategy.rollingUpdate ??= {};
}
