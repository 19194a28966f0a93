import type { ChartPin, ImagePin } from "./pin";

export const gitopsCharts = {
  // Argo CD 3.4.4
  argoCd: {
    chart: "argo-cd",
    repository: "https://argoproj.github.io/argo-helm",
    version: "10.1.1",
  },
} as const satisfies Record<string, ChartPin>;

export const gitopsImages = {
  ksops: {
    repository: "docker.io/viaductoss/ksops",
    tag: "v4.5.1",
    digest: "sha256:4def9fdd4e2f850265740ebe9592c5455d19b76891e88e602df8b52d74b95334",
  },
} as const satisfies Record<string, ImagePin>;
