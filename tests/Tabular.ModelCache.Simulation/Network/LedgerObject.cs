using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Simulation.Network;

/// <summary>One state of an object, and who made it.</summary>
internal sealed record LedgerObject(StoredObject Metadata, byte[] Content, SimulatedProcess Writer);
