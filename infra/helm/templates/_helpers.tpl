{{- define "helpdesk.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{/* What tells the objects of one release apart from all others; it never changes. */}}
{{- define "helpdesk.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "helpdesk.labels" -}}
{{ include "helpdesk.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* A container of the bot: nobody's, without rights, on a file system that it can't write. */}}
{{- define "helpdesk.container" -}}
image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
envFrom:
  - configMapRef: {name: {{ include "helpdesk.name" . }}}
  - secretRef: {name: {{ .Values.secretName }}}
{{- if .Values.database.bundled }}
env:
  - name: DATABASE_URL
    value: postgresql://bot@{{ include "helpdesk.name" . }}-database:5432/helpdesk
  - name: PGPASSWORD
    valueFrom:
      secretKeyRef: {name: {{ .Values.secretName }}, key: {{ .Values.database.passwordKey }}}
{{- end }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
volumeMounts:
  - {name: tmp, mountPath: /tmp}
  - {name: home, mountPath: /var/lib/helpdesk-bot}
  {{- if .Values.files }}
  - {name: files, mountPath: /etc/helpdesk-bot, readOnly: true}
  {{- end }}
  {{- with .Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
