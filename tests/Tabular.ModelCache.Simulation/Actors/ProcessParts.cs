using Microsoft.Extensions.Options;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Simulation.Network;
using Tabular.ModelCache.Simulation.Sources;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Verification;

namespace Tabular.ModelCache.Simulation.Actors;

/// <summary>The real parts of one process, put together as the host puts them together, over a simulated bucket, mount, source and clock.</summary>
internal sealed class ProcessParts
{
    // So small that the files of a simulated model have several parts.
    private static readonly PartLimits PartLimits = new() { Size = 256, InMemory = 3, LargestWhole = 512 };

    public ProcessParts(Simulation run, SimulatedProcess process, ModelCacheOptions options, Random random)
    {
        var time = new SimulatedTimeProvider(process, run.Time, run.Thread);
        var clock = new ModelCacheClock(time, random);
        var network = new SimulatedObjectStore(run, process);
        var main = run.Bug?.WrapMain(network, run, process) ?? network;
        var leaseNetwork = new SimulatedObjectStore(run, process, isLease: true);
        var lease = run.Bug?.WrapLease(leaseNetwork, run, process) ?? leaseNetwork;
        var publishing = run.Bug?.WrapPublishing(main, run, process) ?? main;
        process.Mount = new LaggingMount(run, process, new Random(random.Next()));
        IModelMount mount = run.Bug?.WrapMount(process.Mount, run, process) ?? process.Mount;

        var wrapped = Options.Create(options);
        Holder = new ModelCacheStatusHolder(wrapped, clock, run.Logs.For<ModelCacheService>(process));
        process.Status = Holder;
        var places = new ModelCachePlaces(main, lease);
        Manifests = new ManifestStore(publishing);
        Leases = new LeaseManager(lease, new LeaseTimings(run.Plan.Ttl, run.Plan.ElectionSlot), run.Bug?.WrapLeaseClock(time, process) ?? time, random, run.Logs.For<LeaseManager>(process));
        Flipper = new ManifestFlipper(Manifests, time, random, run.Logs.For<ManifestFlipper>(process));
        var pruner = new VersionPruner(publishing, Flipper, options.Retention, run.Logs.For<VersionPruner>(process));
        var source = new SimulatedSource(run, process, new Random(random.Next()));
        var sources = new ModelSources([new ModelSourceRegistration(SimulatedSource.Scheme, _ => source)], run.Telemetry);
        var publisher = new ModelPublisher(
            publishing, Manifests, sources, Flipper, pruner, new FolderObjects(publishing, isEnabled: false), PartLimits, new PartBuffers(PartLimits),
            new VersionSigner(publishing, null), run.Logs.For<ModelPublisher>(process));
        var reader = new ManifestReader(places, mount);
        var log = run.Logs.For<ModelCacheService>(process);
        var (metrics, activities) = (run.Telemetry.Metrics, run.Telemetry.Activities);
        Puller = new ModelPuller(Holder, reader, Leases, publisher, metrics, activities, clock, log);
        var verifier = new VersionVerifier(mount, main, new ContentReader(mount, time));
        var path = new SettingPath(ModelCacheOptions.SectionName);
        var diagnosis = new MountDiagnosis(wrapped, mount, new MountIdentity(options, path, new MountTable(() => null)), places, path);
        var waiter = new VersionWaiter(wrapped, Holder, verifier, diagnosis, metrics, activities, clock);
        var starter = new ModelStarter(
            wrapped, Holder, mount, reader, waiter, new Lazy<ModelPuller>(() => Puller), places, metrics, clock, path, log);
        Sequence = new StartupSequence(wrapped, Holder, mount, reader, places, starter, metrics, activities, clock, log);
        var updates = new UpdateSwitch(wrapped, Holder, new ModelCacheGate(Holder, log), mount, reader, waiter, clock, log);
        Monitor = new ReadyMonitor(wrapped, Holder, mount, reader, new UpdateWatch(wrapped, Holder, updates, log), metrics, clock, log);
    }

    public ModelCacheStatusHolder Holder { get; }

    public ManifestStore Manifests { get; }

    public LeaseManager Leases { get; }

    public ManifestFlipper Flipper { get; }

    public ModelPuller Puller { get; }

    public StartupSequence Sequence { get; }

    public ReadyMonitor Monitor { get; }
}
