/** Good files that between them use most of what the specification has. */
export const goodFiles: readonly string[] = [
  `name: shop
x-common: &common
  image: registry.example.com/shop:\${TAG:-latest}
  env_file: [web.env, {path: other.env, required: false}]
  logging: {driver: json-file, options: {max-size: 10m}}
services:
  web:
    <<: *common
    command: serve --port 80
    environment: [A=1, B]
    ports:
      - "8080:80"
      - target: 443
        published: "8443"
        mode: host
    depends_on:
      db:
        condition: service_healthy
        restart: true
    volumes:
      - data:/var/lib/data
      - ./conf:/etc/conf:ro
      - type: tmpfs
        target: /scratch
        tmpfs: {size: 64m, mode: 0o1777}
    networks:
      front: {aliases: [shop]}
      back:
    secrets: [key]
    configs:
      - source: page
        target: /www/index.html
        mode: 0440
    deploy:
      replicas: 3
      update_config: {parallelism: 1, delay: 10s, order: start-first, failure_action: rollback}
      resources:
        limits: {cpus: "0.5", memory: 128M, pids: 100}
        reservations: {memory: 64M}
      placement:
        constraints: [node.role == worker]
        preferences: [{spread: node.labels.zone}]
  db:
    image: postgres:17
    healthcheck:
      test: ["CMD-SHELL", "pg_isready"]
      interval: 10s
      timeout: 1m30s
      retries: 3
      start_period: 5s
    ulimits: {nofile: {soft: 1024, hard: 2048}, nproc: 100}
    sysctls: [net.core.somaxconn=1024]
    stop_grace_period: 1m
    networks: [back]
networks:
  front: {}
  back: {internal: true, ipam: {config: [{subnet: 10.20.0.0/24, gateway: 10.20.0.254}]}}
volumes:
  data: {driver: local, labels: {a: b}}
secrets:
  key: {external: true}
configs:
  page: {content: "hello \${NAME:-world}"}
`,
  `include:
  - part.yaml
  - path: [part.yaml]
    env_file: .env
services:
  web:
    extends: {file: base.yaml, service: base}
    build:
      context: .
      dockerfile_inline: |
        FROM scratch
        COPY . /
      args: {VERSION: "\${TAG}"}
      target: prod
      ssh: [default]
      platforms: [linux/amd64]
    image: web
    profiles: [dev]
    scale: 2
  job:
    image: i
    restart: "no"
    cap_add: [NET_ADMIN]
    cap_drop: [ALL]
    devices: ["/dev/null:/dev/x:rw"]
    dns: 1.1.1.1
    dns_search: [example.com]
    extra_hosts: ["a=10.0.0.1", "b:10.0.0.2"]
    group_add: [audio]
    init: true
    labels: [com.example.a=b]
    pid: host
    privileged: false
    read_only: true
    security_opt: [no-new-privileges:true]
    shm_size: 64m
    stdin_open: yes
    tmpfs: [/run]
    tty: off
    user: "1000:1000"
    working_dir: /w
    mem_limit: 512m
    cpus: 1.5
    links: ["web:w"]
    post_start:
      - command: ["true"]
        user: root
  old: {image: i, entrypoint: [a, "b c"], network_mode: "service:job", hostname: h, domainname: d, expose: ["80", 90-92]}
`,
];
