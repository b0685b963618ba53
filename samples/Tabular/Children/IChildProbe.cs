namespace Tabular.Children;

/// <summary>Asks a child whether it can work.</summary>
internal interface IChildProbe
{
    Task<bool> AnswersAsync(Uri url, CancellationToken cancellationToken);
}
